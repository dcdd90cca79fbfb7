import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface PictureProps {
  track: MediaStreamTrack | null;
  label: string;
  /** True for the own camera, which a person knows from a mirror. */
  isMirrored?: boolean;
  /** True for a shared screen, of which nothing may be cut off. */
  isWhole?: boolean;
  /** What stands in place of the picture while there is none. */
  children: ComponentChildren;
}

/** A moving picture without sound, or what stands in its place. */
export function Picture({ track, label, isMirrored = false, isWhole = false, children }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = track && new MediaStream([track]);
  }, [track]);
  const shape = [isMirrored && "mirrored", isWhole && "whole"].filter(Boolean).join(" ");
  return (
    <div class="picture">
      {track ? <video ref={video} class={shape} aria-label={label} autoplay playsInline muted /> : children}
    </div>
  );
}
