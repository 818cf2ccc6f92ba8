// Drawings of the acts, 32 × 32, one stroke: pictures by letters would differ from phone to phone.
const d = {
  sow: 'M4 26h24M10 21c0-3 3-4 3-8M16 21v-9M22 21c0-3-3-4-3-8M16 8a3 3 0 1 0 0-4 3 3 0 0 0 0 4z',
  transplant: 'M4 27h24M16 27V14M16 17c-6 0-8-4-8-8 5 0 8 3 8 8zM16 14c0-5 3-8 8-8 0 5-3 8-8 8',
  fertilise: 'M9 12h14l2 16H7zM12 12c-2-4 0-8 4-8s6 4 4 8M12 20h8M16 16v8',
  spray: 'M12 12h9v16h-9zM14 12V8h5v4M19 8h3M25 6h2M25 10h2M25 2h2M12 18h9',
  irrigate: 'M16 4c6 7 9 11 9 15a9 9 0 0 1-18 0c0-4 3-8 9-15zM12 20a4 4 0 0 0 4 4',
  weed: 'M6 28h20M10 28c0-8-2-12-5-15M16 28V10M22 28c0-8 2-12 5-15M16 10l-4-5M16 10l4-5',
  prune: 'M12 24a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM28 24a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10 21 22 4M22 21 10 4',
  growth: 'M4 27h24M16 27V12M16 16c-5 0-8-3-8-8 5 0 8 3 8 8zM16 20c0-5 3-8 8-8 0 5-3 8-8 8M27 4v8M25 6l2-2 2 2',
  harvest: 'M5 14h22l-3 14H8zM9 14c0-6 3-10 7-10s7 4 7 10M12 18v6M16 18v6M20 18v6',
  sort: 'M5 8h22M5 8l7 9v10l8-4v-6l7-9',
  mill: 'M16 5a11 11 0 1 0 .1 0M16 13a3 3 0 1 0 .1 0M16 5v8M16 19v8M5 16h8M19 16h8',
  dry: 'M16 10a6 6 0 1 0 .1 0M16 2v4M16 26v4M2 16h4M26 16h4M6 6l3 3M23 23l3 3M26 6l-3 3M9 23l-3 3',
  pack: 'M5 10l11-6 11 6v13l-11 6-11-6zM5 10l11 6 11-6M16 16v13',
  aggregate: 'M4 18h11v10H4zM17 18h11v10H17zM10 5h12v10H10z',
  'receive-input': 'M4 12h24v16H4zM4 12l4-7h16l4 7M16 15v9M12 20l4 4 4-4',
  stocktake: 'M8 5h16v23H8zM12 3h8v5h-8zM12 14h8M12 19h8M12 24h5',
  'destroy-input': 'M7 9h18M12 9V5h8v4M9 9l1 19h12l1-19M14 14v9M18 14v9',
  'return-input': 'M27 12v16H5V12M5 12h22M5 12l4-7h14l4 7M20 20h-8M15 16l-4 4 4 4',
  clear: 'M5 27h22M8 22l16-10M10 27V17M16 27V17M22 27V17',
}
export const iconOf = act => d[act] ?? 'M7 5h13l6 6v17H7zM12 16h9M12 21h9'
export const ui = {
  record: 'M16 6v20M6 16h20', ask: 'M11 12a5 5 0 1 1 7 5c-2 1-2 2-2 4M16 26v.5', queue: 'M16 26V7M8 14l8-8 8 8M6 28h20', mine: 'M16 15a5 5 0 1 0-.1 0M6 28c0-7 4-10 10-10s10 3 10 10',
  back: 'M20 6 10 16l10 10', scan: 'M5 11V5h6M21 5h6v6M27 21v6h-6M11 27H5v-6M9 16h14', voice: 'M16 19a5 5 0 0 0 5-5V8a5 5 0 0 0-10 0v6a5 5 0 0 0 5 5zM7 14a9 9 0 0 0 18 0M16 23v5',
  ok: 'M6 17l7 7L26 9', alert: 'M16 4 29 27H3zM16 12v8M16 23v.5', no: 'M8 8l16 16M24 8 8 24', up: 'M16 26V7M8 14l8-8 8 8', off: 'M4 4l24 24M9 12a12 12 0 0 1 4-2M19 10a12 12 0 0 1 6 3M13 18a5 5 0 0 1 6 1M16 25v.5', camera: 'M4 10h6l2-4h8l2 4h6v17H4zM16 14a5 5 0 1 0 .1 0',
}
