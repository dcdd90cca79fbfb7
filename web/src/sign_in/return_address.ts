import { addressOf } from "../api/address";

/** The path to which the provider returns. */
export const RETURN_PATH = "/sign-in";

// The parameters of responses of a provider, in the query or in the fragment.
const CREDENTIALS = [
  "code",
  "state",
  "session_state",
  "iss",
  "error",
  "error_description",
  "error_uri",
  "id_token",
  "access_token",
  "refresh_token",
  "token",
];

/** Return the path of an address without codes and tokens. The path of the return from a provider becomes "/". */
export function pathWithoutCredentials(address: URL): string {
  if (address.pathname === RETURN_PATH) return "/";
  const query = new URLSearchParams(address.search);
  const fragment = new URLSearchParams(address.hash.slice(1));
  const isClean = (parameters: URLSearchParams) => !CREDENTIALS.some((name) => parameters.has(name));
  const cleaned = new URL(address);
  if (!isClean(query)) {
    for (const name of CREDENTIALS) query.delete(name);
    cleaned.search = query.toString();
  }
  if (!isClean(fragment)) cleaned.hash = "";
  return pathWithin(cleaned.pathname + cleaned.search + cleaned.hash, address.origin);
}

/** Return a path if it leads to a page of the origin, and "/" otherwise. */
export function pathWithin(path: string, origin: string): string {
  // Browsers read "//evil.example" and "/\evil.example" as addresses of another origin.
  const address = addressOf(path, origin);
  if (!address) return "/";
  const isWithin = path.startsWith("/") && address.origin === origin && !address.pathname.startsWith("//");
  return isWithin ? address.pathname + address.search + address.hash : "/";
}

/** Return whether an address is the response of a provider. */
export function isResponse(address: URL): boolean {
  const { searchParams } = address;
  return address.pathname === RETURN_PATH && ["code", "error", "state"].some((name) => searchParams.has(name));
}

/** Return the path of the page that is shown. */
export function currentPath(): string {
  return location.pathname + location.search + location.hash;
}
