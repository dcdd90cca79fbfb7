import { expect, test } from "vitest";
import { constraintsOf, Device, type DeviceState, type MediaSource } from "./device";

/** A track of a test, which knows whether it was stopped. */
class MemoryTrack {
  isStopped = false;
  onended: (() => void) | null = null;
  constructor(readonly id: string) {}
  stop(): void {
    this.isStopped = true;
  }
}

/** The devices of a test: each request waits until the test answers it. */
class MemoryDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: MemoryTrack[] = [];
  readonly #answers: ((refusal: string | null) => void)[] = [];

  getUserMedia = (constraints: MediaStreamConstraints) => {
    this.asked.push(constraints);
    return new Promise<MediaStream>((resolve, reject) => {
      this.#answers.push((refusal) => {
        if (refusal) reject(new DOMException("", refusal));
        const track = new MemoryTrack(`t${this.tracks.length}`);
        if (!refusal) this.tracks.push(track);
        resolve({ getTracks: () => [track] } as unknown as MediaStream);
      });
    });
  };

  /** Answer the oldest or another waiting request, with a track or a refusal. */
  async answer(refusal: string | null = null, index = 0): Promise<void> {
    this.#answers.splice(index, 1)[0]?.(refusal);
    await new Promise((done) => setTimeout(done));
  }
}

function camera(): { device: Device; devices: MemoryDevices } {
  const devices = new MemoryDevices();
  return { devices, device: new Device("camera", devices as unknown as MediaSource) };
}

const idOf = (device: Device) => (device.track.value as unknown as MemoryTrack | null)?.id ?? null;

test("a device is on after the browser opened it, and off with its light out", async () => {
  const { device, devices } = camera();
  device.start();
  expect(device.state.value).toBe("starting");
  await devices.answer();
  expect([device.state.value, idOf(device)]).toEqual(["on", "t0"]);
  device.stop();
  expect([device.state.value, idOf(device), devices.tracks[0]?.isStopped]).toEqual(["off", null, true]);
});

test.each([
  ["NotAllowedError", "denied"],
  ["SecurityError", "denied"],
  ["NotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["NotReadableError", "busy"],
  ["AbortError", "busy"],
] as [string, DeviceState][])("after %s the state of a device is %s", async (name, state) => {
  const { device, devices } = camera();
  device.start();
  await devices.answer(name);
  expect([device.state.value, idOf(device)]).toEqual([state, null]);
});

test("a phone that opens one camera at a time changes to the other one", async () => {
  const { device, devices } = camera();
  device.start();
  await devices.answer();
  device.start("front");
  await devices.answer("NotReadableError");
  expect(devices.tracks[0]?.isStopped).toBe(true);
  await devices.answer();
  expect([device.state.value, idOf(device), devices.asked.length]).toEqual(["on", "t1", 3]);
});

test("a camera that another program uses is asked for once", async () => {
  const { device, devices } = camera();
  device.start();
  await devices.answer("NotReadableError");
  expect([device.state.value, devices.asked.length]).toEqual(["busy", 1]);
});

test("a browser without media devices has none", async () => {
  const device = new Device("microphone", undefined);
  await device.start();
  expect(device.state.value).toBe("missing");
});

test("another device takes the place of the first, which is stopped", async () => {
  const { device, devices } = camera();
  device.start();
  await devices.answer();
  device.start("other");
  await devices.answer();
  expect([idOf(device), devices.tracks.map(({ isStopped }) => isStopped)]).toEqual(["t1", [true, false]]);
  expect(devices.asked[1]).toEqual(constraintsOf("camera", "other"));
});

test("of two wishes the later one counts, whichever the browser answers first", async () => {
  const { device, devices } = camera();
  device.start("one");
  device.start("two");
  await devices.answer(null, 1);
  await devices.answer(null, 0);
  expect([idOf(device), device.chosen.value]).toEqual(["t0", "two"]);
  expect(devices.tracks.map(({ isStopped }) => isStopped)).toEqual([false, true]);
});

test("a device that is turned off while it starts stays off", async () => {
  const { device, devices } = camera();
  device.start();
  device.stop();
  await devices.answer();
  expect([device.state.value, idOf(device), devices.tracks[0]?.isStopped]).toEqual(["off", null, true]);
});

test("in place of a chosen device that is gone the one of the system is used", async () => {
  const { device, devices } = camera();
  device.start("gone");
  await devices.answer("OverconstrainedError");
  expect(devices.asked.at(-1)).toEqual(constraintsOf("camera", null));
  await devices.answer();
  expect([device.state.value, device.chosen.value]).toEqual(["on", null]);
});

test("a device that is unplugged is missing", async () => {
  const { device, devices } = camera();
  device.start();
  await devices.answer();
  devices.tracks[0]?.onended?.();
  expect([device.state.value, idOf(device)]).toEqual(["missing", null]);
});
