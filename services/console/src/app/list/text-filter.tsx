import { Input } from 'antd';
import { useEffect, useState } from 'react';

interface TextFilterProps {
  readonly value: string;
  readonly label: string;
  readonly className: string;
  readonly maxLength: number;
  readonly onApply: (value: string | undefined) => void;
}

/** Text that narrows a list; applied with Enter or on leaving the field. */
export function TextFilter({ value, label, className, maxLength, onApply }: TextFilterProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const apply = (text: string) => {
    if (text.trim() !== value) onApply(text.trim() || undefined);
  };
  return (
    <Input
      aria-label={label}
      placeholder={label}
      allowClear
      maxLength={maxLength}
      value={draft}
      className={className}
      onBlur={() => apply(draft)}
      onChange={(event) => {
        setDraft(event.target.value);
        // The clear button is a click, not typing.
        if (event.type === 'click') apply(event.target.value);
      }}
      onPressEnter={() => apply(draft)}
    />
  );
}
