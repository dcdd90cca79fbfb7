export const signIn = {
  expired: "Your sign-in has expired. Sign in again to go on.",
  copyFirst: "You come back to this page. Copy first what you have typed here and want to keep.",
  again: "Sign in again",
  another: "Not you?",
  waiting: "Signing in",
  notStarted: "The app could not start, because the service did not answer.",
};
