import { computed, signal } from "@preact/signals";
import { Device } from "./device";

/** The devices that a member can choose from. */
export interface DeviceChoice {
  camera: readonly MediaDeviceInfo[];
  microphone: readonly MediaDeviceInfo[];
}

/** The camera, the microphone and the shared screen of the member in a room. */
export class RoomMedia {
  readonly camera: Device;
  readonly microphone: Device;
  readonly isMuted = signal(false);
  readonly screen = signal<MediaStreamTrack | null>(null);
  readonly choice = signal<DeviceChoice>({ camera: [], microphone: [] });
  /** The picture for the partner: the shared screen, or the camera. */
  readonly picture = computed(() => this.screen.value ?? this.camera.track.value);
  readonly #devices: MediaDevices | undefined;
  #isStarted = false;
  readonly #list = () => this.#readChoice();

  constructor(devices: MediaDevices | undefined = navigator.mediaDevices) {
    this.#devices = devices;
    this.camera = new Device("camera", devices);
    this.microphone = new Device("microphone", devices);
    devices?.addEventListener("devicechange", this.#list);
  }

  /** True in browsers that can share a screen. */
  get canShare(): boolean {
    return typeof this.#devices?.getDisplayMedia === "function";
  }

  /** Turn the camera and the microphone on, the first time only, as far as the member permits it. */
  async start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await Promise.all([this.camera.start(), this.microphone.start()]);
    await this.#readChoice();
  }

  /** Turn a device on or change it, and read the names of all devices, which a permission reveals. */
  async use(device: Device, deviceId?: string | null): Promise<void> {
    await device.start(deviceId);
    if (device === this.microphone) this.mute(this.isMuted.value);
    await this.#readChoice();
  }

  /** Mute the microphone at once, or end that. It stays open, so that no word is lost at the end. */
  mute(isMuted: boolean): void {
    this.isMuted.value = isMuted;
    const track = this.microphone.track.value;
    if (track) track.enabled = !isMuted;
  }

  /** Share a screen that the member chooses in the browser. */
  async share(): Promise<void> {
    const stream = await this.#devices?.getDisplayMedia({ video: true, audio: false }).catch(() => null);
    const [track] = stream?.getVideoTracks() ?? [];
    if (!track) return;
    track.contentHint = "detail";
    track.onended = () => this.screen.value === track && this.endShare();
    this.endShare();
    this.screen.value = track;
  }

  /** End the share of the screen. */
  endShare(): void {
    this.screen.value?.stop();
    this.screen.value = null;
  }

  /** Stop everything. */
  stop(): void {
    this.camera.stop();
    this.microphone.stop();
    this.endShare();
    this.#devices?.removeEventListener("devicechange", this.#list);
  }

  async #readChoice(): Promise<void> {
    const found = (await this.#devices?.enumerateDevices().catch(() => [])) ?? [];
    // Without a permission the devices have no ids and no names.
    const named = found.filter(({ deviceId, label }) => deviceId && label);
    this.choice.value = {
      camera: named.filter(({ kind }) => kind === "videoinput"),
      microphone: named.filter(({ kind }) => kind === "audioinput"),
    };
  }
}
