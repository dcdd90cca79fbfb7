import { useQueryClient } from "@tanstack/preact-query";
import { useEffect, useState } from "preact/hooks";
import { reachability } from "../api/reachability";
import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import { isLive, LiveUpdates } from "./live_updates";
import "./connection.css";

// A connection that is lost and found again within this time is not worth a word.
const PATIENCE_MILLISECONDS = 4000;

/** The live updates of a signed-in member, with words for the member while they or the service are not reached. */
export function ConnectionSign() {
  const app = useApp();
  const queries = useQueryClient();
  useEffect(() => {
    const updates = new LiveUpdates(app, queries);
    return () => updates.stop();
  }, [app, queries]);
  const isOffline = useIsOffline();
  const isUnreachable = useLasting(reachability.value === "lost");
  const isPaused = useLasting(!isLive.value);
  const { live } = texts.value;
  const text = (isOffline && live.offline) || (isUnreachable && live.unreachable) || (isPaused && live.paused) || "";
  return (
    <div class="connection" role="status">
      {text && <p>{text}</p>}
    </div>
  );
}

function useIsOffline(): boolean {
  const [isOffline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const read = () => setOffline(!navigator.onLine);
    for (const name of ["online", "offline"]) addEventListener(name, read);
    return () => {
      for (const name of ["online", "offline"]) removeEventListener(name, read);
    };
  }, []);
  return isOffline;
}

/** Return true once a condition has held for some seconds. */
function useLasting(holds: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!holds) {
      setLasts(false);
      return undefined;
    }
    const timer = setTimeout(() => setLasts(true), PATIENCE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [holds]);
  return lasts;
}
