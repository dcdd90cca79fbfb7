import { useQuery } from "@tanstack/preact-query";
import { useApp } from "../app_context";
import { instantText } from "../time/formats";
import { data, type Schemas } from "./client";

/** A slot of the calendar with the own session, the favorites and the demand. */
export type CalendarSlot = Schemas["CalendarSlot"];

/** A favorite with a booking in a slot. */
export type PartnerAtSlot = Schemas["PartnerAtSlot"];

// A favorite's booking and the demand change without an event for the member.
const REFRESH_MILLISECONDS = 60_000;

/** Return the slots of every length in a range of instants, by start (R10, R46). Without a need nothing is requested. */
export function useCalendar(range: { start: number; end: number }, isNeeded = true) {
  const { api } = useApp();
  const [start, end] = [instantText(new Date(range.start)), instantText(new Date(range.end))];
  return useQuery({
    queryKey: ["calendar", start, end, null],
    queryFn: async () => (await data(api.GET("/v1/calendar", { params: { query: { start, end } } }))).slots,
    enabled: isNeeded,
    refetchInterval: REFRESH_MILLISECONDS,
  });
}
