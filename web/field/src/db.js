// One database for all of the phone's users: records and their files, and what is kept of the server.  Every row of a queue names its owner.
import { openDB } from 'idb'

let opened
export function db() {
  opened ??= openDB('suyuan-field', 1, {
    upgrade(d) {
      const records = d.createObjectStore('records', { keyPath: 'id' })
      records.createIndex('owner', 'owner')
      const files = d.createObjectStore('files', { keyPath: ['record', 'sha256'] })
      files.createIndex('record', 'record')
      d.createObjectStore('kept')
    },
    blocking() { close() },
    terminated() { opened = undefined },        // iOS closes it under memory pressure: opened again at need
  }).catch(e => { opened = undefined; throw e })
  return opened
}
async function close() { const d = await opened; opened = undefined; d.close() }

export const get = async key => (await db()).get('kept', key)
export const set = async (key, value) => (await db()).put('kept', value, key)

// All of it or nothing, and on the disk when it returns.  `work` may await nothing but the transaction's own requests.
export async function together(stores, work) {
  for (let again = true; ; again = false) {
    try {
      const t = (await db()).transaction(stores, 'readwrite', { durability: 'strict' })
      let result
      try { result = await work(t) } catch (e) { try { t.abort() } catch {} await t.done.catch(() => {}); throw e }
      await t.done
      return result
    } catch (e) {
      if (!again || e?.name !== 'InvalidStateError') throw e
      opened = undefined
    }
  }
}
