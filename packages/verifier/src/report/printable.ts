/**
 * Text out of a receipt, made safe to show: control characters could drive a terminal, and bidirectional controls could make a file
 * name or a digest read as another.
 */
export function printable(text: string, maxLength = 300): string {
  const visible = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd');
  return visible.length > maxLength ? `${visible.slice(0, maxLength)}…` : visible;
}
