// Dates of HTTP (RFC 9110 section 5.6.7). Date.parse alone takes far more for one.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})";
const IMF_FIXDATE = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ${TIME} GMT$`,
);
const RFC_850 = new RegExp(`^[A-Z][a-z]+day, ([0-9]{2})-([A-Z][a-z]{2})-([0-9]{2}) ${TIME} GMT$`);
const ASCTIME = new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ 0-9][0-9]) ${TIME} ([0-9]{4})$`);

/** Seconds since 1970, or null for what is none of the three forms. */
export function readDate(text, now = new Date()) {
  if (text === undefined) return null;
  let parts;
  if ((parts = IMF_FIXDATE.exec(text))) {
    const [, day, month, year, ...time] = parts;
    return seconds(Number(year), month, day, time);
  }
  if ((parts = RFC_850.exec(text))) {
    const [, day, month, year, ...time] = parts;
    return seconds(century(Number(year), now), month, day, time);
  }
  if ((parts = ASCTIME.exec(text))) {
    const [, month, day, hours, minutes, secs, year] = parts;
    return seconds(Number(year), month, day, [hours, minutes, secs]);
  }
  return null;
}

/** An IMF-fixdate. */
export function writeDate(seconds) {
  return new Date(seconds * 1000).toUTCString();
}

// A year of two digits that seems more than 50 years in the future is in the past.
function century(year, now) {
  const thisYear = now.getUTCFullYear();
  const guess = thisYear - (thisYear % 100) + year;
  return guess > thisYear + 50 ? guess - 100 : guess;
}

function seconds(year, monthName, day, [hours, minutes, secs]) {
  const month = MONTHS.indexOf(monthName);
  // 60 is a leap second.
  if (month < 0 || hours > 23 || minutes > 59 || secs > 60) return null;
  const date = new Date(Date.UTC(year, month, Number(day), hours, minutes, secs));
  const isThatDay = new Date(Date.UTC(year, month, Number(day))).getUTCDate() === Number(day);
  return isThatDay ? date.getTime() / 1000 : null;
}
