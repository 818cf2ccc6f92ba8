// From the camera or a file to bytes with their digest.  The original is never touched: the digest is taken before anything else is done with it.
import { sha256 } from './bytes.js'

let stream
export async function openCamera(video) {
  closeCamera(video)
  stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1440 } } })
  video.srcObject = stream
  await video.play()
  for (let n = 0; !video.videoWidth && n < 100; n++) await new Promise(done => setTimeout(done, 20))    // WebKit says it plays before there is a picture
  if (!video.videoWidth) throw new Error('no picture')
}
export function closeCamera(video) {
  stream?.getTracks().forEach(t => t.stop())
  stream = undefined
  if (video) video.srcObject = null
}
export async function frame(video) {
  const c = document.createElement('canvas')
  c.width = video.videoWidth
  c.height = video.videoHeight
  c.getContext('2d').drawImage(video, 0, 0)
  const blob = await new Promise(done => c.toBlob(done, 'image/jpeg', 0.88))
  if (!blob) throw new Error('no picture')
  return file(blob, 'image/jpeg')
}
export async function file(blob, mediaType = blob.type || 'application/octet-stream') {
  const bytes = await blob.arrayBuffer()
  return { bytes, sha256: await sha256(bytes), mediaType: mediaType.split(';')[0] }
}
// A small picture for the list, as a data URL; '' where the browser cannot read the file (HEIC).
export async function thumbnail({ bytes, mediaType }) {
  try {
    const picture = await createImageBitmap(new Blob([bytes], { type: mediaType })), c = document.createElement('canvas'), k = 144 / Math.max(picture.width, picture.height)
    c.width = Math.round(picture.width * k)
    c.height = Math.round(picture.height * k)
    c.getContext('2d').drawImage(picture, 0, 0, c.width, c.height)
    return c.toDataURL('image/jpeg', 0.6)
  } catch { return '' }
}
