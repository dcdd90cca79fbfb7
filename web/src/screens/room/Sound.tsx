import { useEffect, useRef, useState } from "preact/hooks";
import { texts } from "../../i18n/language";

/** The sound of the partner, with a button where the browser plays it only after a click. */
export function Sound({ track }: { track: MediaStreamTrack | null }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [isBlocked, setBlocked] = useState(false);
  const play = () => audio.current?.play().then(() => setBlocked(false), blocked);
  // A play that a newer one interrupted is no refusal of the browser.
  const blocked = (error: unknown) => setBlocked(error instanceof Error && error.name === "NotAllowedError");
  useEffect(() => {
    if (!audio.current) return;
    audio.current.srcObject = track && new MediaStream([track]);
    if (track) play();
  }, [track]);
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: a call between two persons has no captions */}
      <audio ref={audio} />
      {isBlocked && (
        <button type="button" class="primary" onClick={play}>
          {texts.value.room.playSound}
        </button>
      )}
    </>
  );
}
