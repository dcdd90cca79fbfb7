import { texts } from "../i18n/language";
import { type Announcement, announcements, dismiss, openDialogs } from "./announcements";
import "./toasts.css";

/** The messages to the member, on the page or within a dialog, in two live regions. */
export function Toasts({ isInDialog = false }: { isInDialog?: boolean }) {
  const isFailure = ({ kind }: Announcement) => kind === "failure";
  const shown = isInDialog === openDialogs.value > 0 ? announcements.value : [];
  return (
    <div class="toasts">
      <div role="status">{shown.filter((each) => !isFailure(each)).map(toast)}</div>
      <div role="alert">{shown.filter(isFailure).map(toast)}</div>
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
