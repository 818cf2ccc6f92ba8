// Drawings of 24 × 24, one path each.
export const icons = {
  today: 'M7 3v3M17 3v3M4 8h16M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 14l2 2 4-4',
  seasons: 'M12 21V11M12 11C12 7 9 5 4 5c0 4 3 6 8 6zM12 14c0-3 3-5 8-5 0 4-3 6-8 6z',
  plots: 'M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14',
  store: 'M4 9l8-5 8 5v11H4zM8 20v-7h8v7M8 16h8',
  alarms: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  records: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7M9 7h3',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-4 3-6 6-6s6 2 6 6M16 11a3 3 0 0 0 0-6M17 14c3 0 4 2 4 6',
  data: 'M4 6c0-2 16-2 16 0v12c0 2-16 2-16 0zM4 6c0 2 16 2 16 0M4 12c0 2 16 2 16 0',
  plus: 'M12 5v14M5 12h14', yes: 'M5 12l5 5 9-10', no: 'M6 6l12 12M18 6L6 18', wait: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2', what: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.8.4-1 .9-1 1.7M12 17v.5',
}
