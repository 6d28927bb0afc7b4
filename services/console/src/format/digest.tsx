import { CopyButton } from './copy-button.tsx';

interface DigestProps {
  readonly value: string;
  /** what it is, for the copy button's label: "SHA-256 · read back" */
  readonly label: string;
  /** first and last characters only, the whole on hover */
  readonly short?: boolean;
}

/** A digest in groups of eight, so that two people can compare it by reading aloud. */
export function Digest({ value, label, short = false }: DigestProps) {
  const groups = value.match(/.{1,8}/g) ?? [value];
  return (
    <span className="digest">
      <code title={short ? value : undefined}>
        {short
          ? `${value.slice(0, 10)}…${value.slice(-6)}`
          : groups.map((group, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the groups of one digest never move
              <span key={at} className="digest-group">
                {group}
              </span>
            ))}
      </code>
      <CopyButton value={value} what={label} />
    </span>
  );
}
