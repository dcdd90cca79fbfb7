import { type ApiClient, data } from "../../api/client";
import { instantText } from "../../time/formats";
import { type Session, startOf } from "./session_state";

/** Return the name under which the calendar file of a session is saved. */
function fileName(session: Session): string {
  return `session-${instantText(startOf(session)).replace(/[-:]/g, "")}.ics`;
}

/** Fetch the calendar file of a session and save it. Throws Refusal and ConnectionLost. */
export async function saveCalendarFile(api: ApiClient, session: Session): Promise<void> {
  const params = { path: { sessionId: session.sessionId } };
  const file = await data(api.GET("/v1/sessions/{sessionId}/calendar", { params, parseAs: "blob" }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = fileName(session);
  link.click();
  URL.revokeObjectURL(link.href);
}
