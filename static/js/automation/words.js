/** Figures as people read them. */

/** 0.4 s, 12 s, 3 min 12 s, 2 h 5 min. */
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  const seconds = Math.max(milliseconds, 0) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} days`;
}

/** 12,345. */
export function count(number) {
  return number === null || number === undefined ? "–" : number.toLocaleString("en");
}

/** A speed per minute: 0, 0.4, 12, 1,234. */
export function perMinute(number) {
  return number > 0 && number < 9.95 ? number.toFixed(1) : count(Math.round(number));
}

/** 1 channel, 2 channels. */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** The time of day of an ISO time in UTC, as the whole admin shows it. */
export function clock(iso) {
  return iso.slice(11, 19);
}
