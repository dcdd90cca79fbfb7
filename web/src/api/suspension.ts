import { signal } from "@preact/signals";

/** True after the API has refused a request because the member is suspended (R47). A reload asks again. */
export const isSuspended = signal(false);
