export const live = {
  paused: "Live updates are paused. We connect again.",
  offline: "You are offline. What you see may be out of date, and nothing can be changed until you are online again.",
  comesOnline: "This appears as soon as you are online again.",
  unreachable: "The service cannot be reached right now. What you see may be out of date. We keep trying.",
  notLoaded: "This page could not be loaded",
  notLoadedText: "You may be offline, or there is a new version of the app. Nothing was lost.",
  /** A day with a time, such as "Monday 30 November, 9:00–9:50". */
  when: (day: string, time: string) => `${day}, ${time}`,
  /** Messages about events, with the day and the time first and the partner second. */
  events: {
    matched: (when: string, partner: string) => `You are matched with ${partner}: ${when}.`,
    matchedAfterDisplaced: (when: string, partner: string) =>
      `Your partner got another partner. You are matched with ${partner} now: ${when}.`,
    matchedAfterCancel: (when: string, partner: string) =>
      `Your partner cancelled. You are matched with ${partner} now: ${when}.`,
    matchedAfterStart: (when: string, partner: string) => `${partner} is your partner now: ${when}. Join the room.`,
    lockedIn: (when: string, partner: string) => `You and ${partner} are locked in: ${when}.`,
    displaced: (when: string) => `Your partner got another partner. We look for a new one: ${when}.`,
    partnerCancelled: (when: string) => `Your partner cancelled. We look for a new one: ${when}.`,
    starting: (when: string, partner: string) => `Your session with ${partner} starts soon: ${when}.`,
    startingAlone: (when: string) => `Your session starts soon, and has no partner yet: ${when}.`,
    unmatched: (when: string) => `No partner was found for your session: ${when}.`,
    missed: (when: string) => `You did not join in time, so your partner asked for another partner: ${when}.`,
    favoriteAvailable: (when: string, favorite: string) => `${favorite} can be locked in: ${when}.`,
  },
};
