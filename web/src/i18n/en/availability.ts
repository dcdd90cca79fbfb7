import type { Plural } from "../plural";

export const availability = {
  availabilityOf: (name: string) => `Availability of ${name}`,
  twoWeeks: "Choose a time of the next two weeks to lock in.",
  none: "No times to book right now.",
  lockLegend: "marks the times at which you two are locked in.",
  notAFavorite: (name: string) => `You can lock in with your favorites. ${name} is not one of them.`,
  lockInWith: (name: string) => `Lock in with ${name}`,
  booking: "Booking ...",
  booked: (name: string, when: string) => `You are locked in with ${name}: ${when}.`,
  gone: "This time has just gone. Here are the times that are left.",
  minutes: { one: "{count} minute", other: "{count} minutes" } satisfies Plural,
  replaceTitle: "Replace your other session?",
  replaceText: (name: string) =>
    `You have another session at this time. It can be cancelled, so that you are locked in with ${name}.`,
  replace: "Cancel it and book",
  keep: "Keep it",
  lockedConflict: "You are locked in with another partner at this time. Cancel that session first.",
  seeAvailability: "See availability",
  backToProfile: (name: string) => `Profile of ${name}`,
  memberSince: "Member since",
  sessionsSoFar: "Sessions so far",
  localTime: "Local time",
  yourself: "This is how others see you.",
};
