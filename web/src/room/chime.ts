const TONES_HERTZ = [523.25, 659.25, 783.99];
const TONE_SECONDS = 0.5;
const VOLUME = 0.15;

/** Play the sound at the end of a session, three soft tones. */
export function playChime(context: BaseAudioContext = new AudioContext()): void {
  for (const [index, frequency] of TONES_HERTZ.entries()) {
    const start = context.currentTime + index * TONE_SECONDS * 0.6;
    const tone = new OscillatorNode(context, { frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(VOLUME, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + TONE_SECONDS);
  }
}
