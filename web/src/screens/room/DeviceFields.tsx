import { useId } from "preact/hooks";
import { texts } from "../../i18n/language";
import type { Device, DeviceState } from "../../room/device";
import type { RoomMedia } from "../../room/media";
import "../../forms/forms.css";

/** The camera and the microphone: whether they are on, and which ones. */
export function DeviceFields({ media }: { media: RoomMedia }) {
  return (
    <div class="devices">
      <DeviceField media={media} device={media.camera} />
      <DeviceField media={media} device={media.microphone} />
    </div>
  );
}

function DeviceField({ media, device }: { media: RoomMedia; device: Device }) {
  const id = useId();
  const { room } = texts.value;
  const { kind } = device;
  const state = device.state.value;
  const choice = media.choice.value[kind];
  const isOn = state === "on" || state === "starting";
  const turn = () => (isOn ? device.stop() : media.use(device));
  return (
    <div class="field">
      <label for={id}>{room[kind]}</label>
      <select
        id={id}
        value={device.chosen.value ?? ""}
        onChange={(event) => media.use(device, event.currentTarget.value || null)}
      >
        <option value="">{room.systemDevice}</option>
        {choice.map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId}>
            {label}
          </option>
        ))}
      </select>
      <button type="button" onClick={turn}>
        {isOn ? room.turnOff[kind] : room.turnOn[kind]}
      </button>
    </div>
  );
}

/** The words about a device that is not used, or is about to start. */
export function DeviceWords({ media: { camera, microphone } }: { media: RoomMedia }) {
  const { deviceStates } = texts.value.room;
  return (
    <div role="status" class="device-words">
      {[camera, microphone].map(({ kind, state }) => {
        const words: Partial<Record<DeviceState, string>> = deviceStates[kind];
        return words[state.value] && <p key={kind}>{words[state.value]}</p>;
      })}
    </div>
  );
}
