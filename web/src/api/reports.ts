import { type ApiClient, data, type Schemas } from "./client";

/** Report the partner of a session to staff (R47). A second report of the session takes the place of the first. */
export async function sendReport(api: ApiClient, body: Schemas["ReportBody"]): Promise<void> {
  await data(api.POST("/v1/reports", { body }));
}
