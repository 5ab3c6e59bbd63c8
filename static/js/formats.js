// Numbers, money, days and times as a language writes them: for the points widget, the checkout and staff pages.
// The server computes and rounds; nothing here does.
(() => {
  "use strict";
  const Tuza = (window.Tuza = window.Tuza || {});

  /** The formats of a language; money and days need the shop's `currency` and `timeZone` as well. */
  function formatsOf({ language, currency, timeZone } = {}) {
    const format = (kind, options) => {
      try {
        return new Intl[kind](language || undefined, options);
      } catch {
        return new Intl[kind](undefined, options);
      }
    };
    const number = (value) => format("NumberFormat", { maximumFractionDigits: 4 }).format(value);
    // UGX and JPY have no cents, KWD has three decimals; ISO 4217 has them for IQD as well
    const decimals = currency ? format("NumberFormat", { style: "currency", currency }).resolvedOptions() : {};
    const places = { IQD: 3 }[currency] ?? decimals.maximumFractionDigits ?? 2;
    const amount = format("NumberFormat", { minimumFractionDigits: places, maximumFractionDigits: Math.max(2, places) });
    return {
      number,
      signed: (value) => (value < 0 ? "−" : "+") + number(Math.abs(value)),
      // a no-break space keeps an amount on one line
      money: (value) => `${currency}\u00a0${amount.format(value)}`,
      day: (text) =>
        // day before month, as everywhere in the shop
        format("DateTimeFormat", { day: "numeric", month: "short", year: "numeric", timeZone })
          .formatToParts(new Date(text))
          .filter((part) => ["day", "month", "year"].includes(part.type))
          .sort((one, other) => "dmy".indexOf(one.type[0]) - "dmy".indexOf(other.type[0]))
          .map((part) => part.value)
          .join(" "),
    };
  }

  /** Seconds left as minutes and seconds: 75 → 1:15. */
  function clock(seconds) {
    const whole = Math.max(0, Math.ceil(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  Tuza.formats = { of: formatsOf, clock };
})();
