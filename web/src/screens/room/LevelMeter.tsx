import { useEffect, useId, useState } from "preact/hooks";
import { texts } from "../../i18n/language";
import { followLevel } from "../../room/sound_level";

/** The level of the microphone, so that a member sees that it hears something. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const id = useId();
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track) return undefined;
    const end = followLevel(track, setLevel);
    return () => {
      end();
      setLevel(0);
    };
  }, [track]);
  return (
    <p class="level">
      <label for={id}>{texts.value.room.level}</label>
      <meter id={id} min={0} max={1} value={level} />
    </p>
  );
}
