import { Alert } from 'antd';
import type { ReactNode } from 'react';
import { problemIn } from './client.ts';
import { useProblemText } from './problem-text.ts';

interface ProblemNoticeProps {
  readonly error: unknown;
  readonly action?: ReactNode;
}

/** A problem document for a person: what happened, what to do, and the number to quote to the administrator. */
export function ProblemNotice({ error, action }: ProblemNoticeProps) {
  const text = useProblemText();
  const { title, sentence, reference } = text(problemIn(error));
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title}
      description={
        <>
          <div>{sentence}</div>
          {reference && <div className="quiet small">{reference}</div>}
        </>
      }
      {...(action ? { action } : {})}
    />
  );
}
