import { signal } from "@preact/signals";

/** The kind of a device that a member uses in a room. */
export type DeviceKind = "camera" | "microphone";

/** Why a device is not used, or that it is. */
export type DeviceState = "off" | "starting" | "on" | "denied" | "missing" | "busy";

/** The part of the browser's media devices that one device uses. */
export type MediaSource = Pick<MediaDevices, "getUserMedia">;

/** A camera or a microphone of the member, with the track of it while it is on. */
export class Device {
  readonly state = signal<DeviceState>("off");
  readonly track = signal<MediaStreamTrack | null>(null);
  /** The id of the chosen device, or null for that of the system. */
  readonly chosen = signal<string | null>(null);
  readonly #source: MediaSource | undefined;
  // The number of the latest wish. The answers to earlier ones no longer count.
  #wish = 0;

  constructor(
    readonly kind: DeviceKind,
    source: MediaSource | undefined,
  ) {
    this.#source = source;
  }

  /** Turn the device on, or change to another one. */
  async start(deviceId: string | null = this.chosen.value): Promise<void> {
    this.#wish += 1;
    const wish = this.#wish;
    this.chosen.value = deviceId;
    this.state.value = "starting";
    const opened = await this.#open(deviceId);
    const found = opened === "busy" && wish === this.#wish ? await this.#openInstead(deviceId) : opened;
    if (wish !== this.#wish) {
      if (typeof found !== "string") found.stop();
      return;
    }
    this.track.value?.stop();
    const isTrack = typeof found !== "string";
    this.track.value = isTrack ? found : null;
    this.state.value = isTrack ? "on" : found;
    // The device was unplugged, or the member withdrew the permission.
    if (isTrack) found.onended = () => this.track.value === found && this.#end("missing");
  }

  /** Turn the device off. Its light goes out. */
  stop(): void {
    this.#wish += 1;
    this.#end("off");
  }

  #end(state: DeviceState): void {
    this.track.value?.stop();
    this.track.value = null;
    this.state.value = state;
  }

  async #open(deviceId: string | null): Promise<MediaStreamTrack | DeviceState> {
    if (!this.#source) return "missing";
    try {
      return await this.#track(this.#source, deviceId);
    } catch (error) {
      const state = stateAfter(error);
      if (state !== "missing" || deviceId === null) return state;
      // The chosen device is gone, so that of the system takes its place.
      this.chosen.value = null;
      return this.#track(this.#source, null).catch(stateAfter);
    }
  }

  /** Open the device after the one in use is closed, because many phones open one camera at a time. */
  async #openInstead(deviceId: string | null): Promise<MediaStreamTrack | DeviceState> {
    if (!this.track.value) return "busy";
    this.track.value.stop();
    return this.#open(deviceId);
  }

  async #track(source: MediaSource, deviceId: string | null): Promise<MediaStreamTrack> {
    const stream = await source.getUserMedia(constraintsOf(this.kind, deviceId));
    const [track] = stream.getTracks();
    if (!track) throw new DOMException("", "NotFoundError");
    return track;
  }
}

/** Return what to ask the browser for. One picture has room for a face and costs a phone little. */
export function constraintsOf(kind: DeviceKind, deviceId: string | null): MediaStreamConstraints {
  const chosen = deviceId === null ? {} : { deviceId: { exact: deviceId } };
  if (kind === "microphone") return { audio: { echoCancellation: true, noiseSuppression: true, ...chosen } };
  return { video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { max: 30 }, ...chosen } };
}

/** Return the state of a device that the browser did not open. */
export function stateAfter(error: unknown): DeviceState {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}
