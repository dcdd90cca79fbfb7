const QUIETEST_DECIBELS = -60;

/** Return the level of some samples, from 0 for silence to 1 for the loudest sound, as a person hears it. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
  const power = samples.length === 0 ? 0 : sum / samples.length;
  if (power === 0) return 0;
  const decibels = 10 * Math.log10(power);
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DECIBELS));
}

/** Call `show` with the level of a microphone about 10 times a second, and return what ends that. */
export function followLevel(track: MediaStreamTrack, show: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // A page that the member has not touched yet may not start its sound.
    if (context.state === "suspended") context.resume().catch(() => undefined);
    analyser.getFloatTimeDomainData(samples);
    show(levelOf(samples));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
