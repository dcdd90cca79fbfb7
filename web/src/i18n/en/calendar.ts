import type { Plural } from "../plural";

export const calendar = {
  // The bar above the grid.
  previous: "Previous",
  next: "Next",
  today: "Today",
  jump: "Jump to a date",
  length: "Length",
  times: (zone: string) => `Times in ${zone}`,
  legend: "Signs in the calendar",
  failed: "The calendar could not be loaded.",
  // Cells, as a screen reader says them: "Tuesday 1 December, 09:15, free".
  time: "Time",
  repeated: (time: string) => `${time}, second time`,
  clocksChange: "Clocks change",
  cell: {
    free: "free",
    past: "past",
    tooFar: "too far ahead to book",
    booking: "being booked",
    session: (state: string, length: string) => `your session, ${state}, ${length}`,
    sessionWith: (name: string, state: string, length: string) => `your session with ${name}, ${state}, ${length}`,
    covered: "during your session",
    favorites: (names: string) => `favorites: ${names}`,
  },
  demand: { some: "some members wait", many: "many members wait" },
  states: {
    waiting: "waiting for a partner",
    matched: "partner found",
    locked_in: "locked in",
    cancelled: "cancelled",
    unmatched: "no partner",
    missed: "missed",
  },
  more: "More",
  favoritesCount: { one: "{count} favorite", other: "{count} favorites" } satisfies Plural,
  // The card with which one books.
  card: {
    title: "Book a session",
    day: "Day",
    start: "Start",
    sessionTitle: "Title (only you see it)",
    activity: "Activity",
    activities: { desk: "Desk", moving: "Moving", anything: "Anything" },
    preferFavorites: "Prefer my favorites",
    bookAndLock: "Book and lock in",
  },
  panel: {
    title: "Partner",
    open: (count: string) => `More: ${count} at this time`,
    any: "Any partner",
    alreadyBooked: "You have booked this time. Choose a favorite to lock in or to prefer.",
    notShared: (name: string) =>
      `${name} has not shared their Availability. You book a regular session, and ${name} is preferred as your partner.`,
    inTheWay: (name: string) => `Another session of yours at this time prevents a lock-in with ${name}.`,
    notThen: (name: string) => `${name} cannot be chosen at this start. Choose a partner.`,
    locked: "Locked in with you",
    stays: (name: string) => `You and ${name} stay partners unless one of you cancels.`,
  },
  booked: (when: string) => `Booked: ${when}. We look for a partner.`,
  bookedWith: (name: string, when: string) => `Booked with ${name}: ${when}.`,
  lockedInWith: (name: string, when: string) => `Locked in with ${name}: ${when}.`,
  wasFaster: (name: string) =>
    `Another member was faster, or the availability has changed: ${name} cannot be locked in at this time any more. This is what is there now.`,
  conflict: {
    title: "You have another session at this time",
    ask: "Do you want to replace it? It is cancelled when the new one is booked.",
    locked: "A locked-in session is not replaced. You can cancel it on the Sessions screen.",
    replace: "Replace and book",
  },
  session: {
    title: "Your session",
    noPartner: "No partner yet",
    change: "Change or cancel",
    gone: "This session does not exist any more.",
  },
};
