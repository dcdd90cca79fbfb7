/** Save a file on this device. It has the day in its name. */
export function saveFile(content: Blob, name: string, ending: string, now: Date): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}-${now.toISOString().slice(0, 10)}.${ending}`;
  link.click();
  // The browser has begun to read the file when the click returns.
  URL.revokeObjectURL(address);
}
