/** Keep the screen of the device on while this page is shown, and return what ends that. Phones stop the camera with it. */
export function keepAwake(): () => void {
  let isEnded = false;
  let lock: WakeLockSentinel | null = null;
  const ask = async () => {
    // Some browsers have no such lock, and none gives one to a page that is hidden.
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    if (isEnded) lock?.release();
  };
  ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    isEnded = true;
    document.removeEventListener("visibilitychange", ask);
    lock?.release();
  };
}
