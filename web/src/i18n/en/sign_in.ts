export const signIn = {
  expired: "Your sign-in has expired. Sign in again to go on.",
  again: "Sign in again",
  another: "Not you?",
  waiting: "Signing in",
  notStarted: "The app could not start, because the service did not answer.",
  retry: "Try again",
};
