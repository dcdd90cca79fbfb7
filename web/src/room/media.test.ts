import { expect, test } from "vitest";
import { RoomMedia } from "./media";

/** A track of a test, with what happened to it. */
class MemoryTrack {
  enabled = true;
  contentHint = "";
  isStopped = false;
  onended: (() => void) | null = null;
  constructor(readonly name: string) {}
  stop(): void {
    this.isStopped = true;
  }
}

/** A browser of a test that permits everything, with the tracks that it opened. */
class MemoryDevices extends EventTarget {
  readonly opened: MemoryTrack[] = [];
  isPermitted = true;

  getUserMedia = async ({ audio }: MediaStreamConstraints) => this.#stream(audio ? "microphone" : "camera");
  getDisplayMedia = async () => {
    if (!this.isPermitted) throw new DOMException("", "NotAllowedError");
    return this.#stream("screen");
  };
  enumerateDevices = async () => [
    { kind: "videoinput", deviceId: "c1", label: "Camera" },
    { kind: "audioinput", deviceId: "", label: "" },
  ];

  #stream(name: string): MediaStream {
    const track = new MemoryTrack(name);
    this.opened.push(track);
    return { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream;
  }
}

function made(): { media: RoomMedia; devices: MemoryDevices } {
  const devices = new MemoryDevices();
  return { devices, media: new RoomMedia(devices as unknown as MediaDevices) };
}

const nameOf = (track: MediaStreamTrack | null) => (track as unknown as MemoryTrack | null)?.name ?? null;

test("camera and microphone start once, so that a member who turned one off keeps it off", async () => {
  const { media, devices } = made();
  await media.start();
  media.camera.stop();
  await media.start();
  expect(devices.opened.map(({ name }) => name)).toEqual(["camera", "microphone"]);
  expect(media.camera.state.value).toBe("off");
});

test("only devices with a name can be chosen", async () => {
  const { media } = made();
  await media.start();
  const { camera, microphone } = media.choice.value;
  expect([camera.map(({ label }) => label), microphone]).toEqual([["Camera"], []]);
});

test("a muted member stays muted with another microphone", async () => {
  const { media, devices } = made();
  await media.start();
  media.mute(true);
  await media.use(media.microphone, "other");
  expect(devices.opened.map(({ name, enabled }) => `${name} ${enabled}`)).toEqual([
    "camera true",
    "microphone false",
    "microphone false",
  ]);
  media.mute(false);
  expect(devices.opened.at(-1)?.enabled).toBe(true);
});

test("a shared screen is the picture until the share ends, in the page or in the browser", async () => {
  const { media, devices } = made();
  await media.start();
  await media.share();
  expect(nameOf(media.picture.value)).toBe("screen");
  media.endShare();
  expect([nameOf(media.picture.value), devices.opened.at(-1)?.isStopped]).toEqual(["camera", true]);
  await media.share();
  devices.opened.at(-1)?.onended?.();
  expect(nameOf(media.picture.value)).toBe("camera");
});

test("a share that the member does not choose changes nothing", async () => {
  const { media, devices } = made();
  await media.start();
  devices.isPermitted = false;
  await media.share();
  expect(nameOf(media.picture.value)).toBe("camera");
});

test("at the end everything is stopped", async () => {
  const { media, devices } = made();
  await media.start();
  await media.share();
  media.stop();
  expect(devices.opened.map(({ isStopped }) => isStopped)).toEqual([true, true, true]);
  expect([media.picture.value, media.microphone.track.value]).toEqual([null, null]);
});

test("a browser without media devices has a room all the same", async () => {
  const media = new RoomMedia(undefined);
  await media.start();
  await media.share();
  expect([media.camera.state.value, media.canShare, media.picture.value]).toEqual(["missing", false, null]);
});
