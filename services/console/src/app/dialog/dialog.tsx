import { App, Modal, type ModalProps } from 'antd';

/**
 * How every dialog of the console appears: at its size and in its place. One that grows keeps a list opened inside it at the width of that
 * moment, and moves its buttons away between the pressing and the release of a mouse that was quick: such a click is lost.
 */
export const fadesIn = { transitionName: 'ant-fade' } as const;

export function Dialog(props: ModalProps) {
  return <Modal {...fadesIn} {...props} />;
}

interface Question {
  readonly title: string;
  readonly hint: string;
  /** words of the button that does it */
  readonly ok: string;
  /** the button warns: what it does ends something */
  readonly danger?: boolean;
  /** The question stays until this is over, and then goes: whoever asks shows the failure. */
  readonly onOk: () => Promise<unknown>;
}

/** Asks whether something is to be done. */
export function useQuestion(): (question: Question) => void {
  const { modal } = App.useApp();
  return ({ title, hint, ok, danger = false, onOk }) =>
    void modal.confirm({
      ...fadesIn,
      title,
      content: hint,
      okText: ok,
      okButtonProps: { danger },
      onOk: () =>
        onOk().then(
          () => undefined,
          () => undefined,
        ),
    });
}
