/** A sign-in that did not succeed, with the reason. Providers have further reasons, such as `access_denied`. */
export class SignInFailed extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}
