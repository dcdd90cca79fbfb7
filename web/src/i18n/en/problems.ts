/** The words for each refusal of the API, by its code. A screen may have better ones for its own action. */
export const problems = {
  connection_lost: "The connection was lost. Please try again: nothing happens twice.",
  connection_lost_unsure:
    "The connection was lost. It may have worked all the same, so look at the list before you try again.",
  busy: "The service is busy. Please try again in a moment. Nothing was changed.",
  rate_limited: "You have reached a limit. Please try again later.",
  unauthenticated: "Your sign-in has expired. Please sign in again.",
  forbidden: "You may not do this.",
  suspended: "Your account is suspended.",
  not_found: "This does not exist any more.",
  not_available: "This cannot be booked any more. Another member was faster, or the availability has changed.",
  time_conflict: "You have another session at this time.",
  too_late: "It is too late for this: the session has begun or was cancelled.",
  invalid_request: "Something in this form cannot be used.",
  other: "That did not work. Please try again.",
};
