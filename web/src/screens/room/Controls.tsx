import { texts } from "../../i18n/language";
import type { RoomMedia } from "../../room/media";
import { DeviceFields, DeviceWords } from "./DeviceFields";

interface ControlsProps {
  media: RoomMedia;
  onLeave: () => void;
}

/** What a member does in a call with the own camera, microphone and screen. */
export function Controls({ media, onLeave }: ControlsProps) {
  const { room } = texts.value;
  const { camera, microphone } = media;
  const hasMicrophone = microphone.track.value !== null;
  const hasCamera = camera.state.value === "on" || camera.state.value === "starting";
  const isSharing = media.screen.value !== null;
  return (
    <fieldset class="controls">
      <legend>{room.controls}</legend>
      {hasMicrophone ? (
        <button type="button" onClick={() => media.mute(!media.isMuted.value)}>
          {media.isMuted.value ? room.unmute : room.mute}
        </button>
      ) : (
        <button type="button" onClick={() => media.use(microphone)}>
          {room.turnOn.microphone}
        </button>
      )}
      <button type="button" onClick={() => (hasCamera ? camera.stop() : media.use(camera))}>
        {hasCamera ? room.turnOff.camera : room.turnOn.camera}
      </button>
      {media.canShare && (
        <button type="button" onClick={() => (isSharing ? media.endShare() : media.share())}>
          {isSharing ? room.endShare : room.share}
        </button>
      )}
      <button type="button" class="danger" onClick={onLeave}>
        {room.leave}
      </button>
      <DeviceWords media={media} />
      <details>
        <summary>{room.devices}</summary>
        <DeviceFields media={media} />
      </details>
    </fieldset>
  );
}
