import { useEffect, useRef } from "preact/hooks";
import { locale, texts } from "../../i18n/language";
import { playChime } from "../../room/chime";
import { clockText, timeLeft } from "../../room/room_timer";
import { timeText } from "../../time/formats";
import type { RoomTimes } from "./room_phase";

interface TimerProps {
  times: RoomTimes;
  now: number;
  /** True for a session without a sound at its end. */
  isQuiet: boolean;
}

/** The timer of a session, the same in both pages, with a ring and a sound at the end. */
export function Timer({ times, now, isQuiet }: TimerProps) {
  const { room } = texts.value;
  const { phase, milliseconds, share } = timeLeft(times.start, times.end, now);
  const before = useRef(phase);
  useEffect(() => {
    // Who enters after the end hears nothing.
    if (before.current === "running" && phase === "over" && !isQuiet) playChime();
    before.current = phase;
  }, [phase]);
  const isOver = phase === "over";
  return (
    <section class={`timer ${phase}`} aria-label={room.timer}>
      <svg aria-hidden="true" viewBox="0 0 40 40">
        <circle cx="20" cy="20" r="17" pathLength={1} />
        <circle class="done" cx="20" cy="20" r="17" pathLength={1} stroke-dasharray={`${share} 1`} />
      </svg>
      {!isOver && (
        <p>
          {phase === "before" ? room.startsIn : room.leftTime}{" "}
          <span role="timer" class="clock">
            {clockText(milliseconds, locale.value)}
          </span>
        </p>
      )}
      <p role="status">{isOver && `${room.over} ${room.closesAt(timeText(new Date(times.closes)))}`}</p>
      {isQuiet && !isOver && <p class="quiet">{room.quiet}</p>}
    </section>
  );
}
