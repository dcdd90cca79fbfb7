import { texts } from "../i18n/language";
import { type Announcement, announcements, dismiss } from "./announcements";
import "./toasts.css";

/** The messages to the member, in two live regions. */
export function Toasts() {
  const isFailure = ({ kind }: Announcement) => kind === "failure";
  return (
    <div class="toasts">
      <div role="status">{announcements.value.filter((shown) => !isFailure(shown)).map(toast)}</div>
      <div role="alert">{announcements.value.filter(isFailure).map(toast)}</div>
    </div>
  );
}

function toast({ id, text, kind }: Announcement) {
  return (
    <p key={id} class={`toast ${kind}`}>
      <span>{text}</span>
      <button type="button" class="plain" onClick={() => dismiss(id)}>
        {texts.value.layout.close}
      </button>
    </p>
  );
}
