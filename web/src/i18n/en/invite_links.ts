import type { Plural } from "../plural";

export const inviteLinks = {
  explanation:
    "With an invite link a person books a session with you, also without being in your Favorites, with every Availability setting. People you have blocked or snoozed cannot.",
  lockedIn:
    "A session booked through your invite link is locked-in: the two of you stay partners unless one of you cancels.",
  newLink: "New invite link",
  target: "What the link offers",
  targetHint:
    "The times are those of your own sessions in the next two weeks that are not locked in yet, also of those that you book later.",
  allTimes: "All my available times",
  earlierSession: "A session that is over or was cancelled",
  uses: "Number of bookings",
  usesHint: "Leave it empty for any number.",
  usesFault: "Please write a whole number from 1 on, or leave it empty.",
  make: "Make a link",
  made: "Your new invite link",
  madeText: "The link was made.",
  address: "Address of the link",
  use: "Send it to the person you want to work with. Every person who has it can use it.",
  yours: "Your links",
  none: "You have no invite links.",
  used: { one: "Used {count} time.", other: "Used {count} times." } satisfies Plural,
  most: { one: "It works for {count} booking.", other: "It works for {count} bookings." } satisfies Plural,
  usedOf: (used: string, most: string) => `${used} ${most}`,
  expires: (time: string) => `It works until ${time}.`,
  expired: (time: string) => `It has expired on ${time}.`,
  states: {
    usable: "It can be used.",
    expired: "It has expired.",
    used_up: "It is used up.",
    locked_in: "The session is locked in, so the link offers nothing more.",
    past: "The session is over or was cancelled, so the link offers nothing more.",
  },
  revokeName: (link: string) => `Revoke the link for: ${link}`,
  revokeQuestion: "Revoke this invite link?",
  revokeExplanation: "It cannot be used any more. Sessions that were booked with it stay. This is for good.",
  revoked: "The link was revoked.",
};
