import { Modal, type ModalProps } from 'antd';

/**
 * Every dialog of the console. It fades in at its size: a list that is opened inside a dialog that is still growing keeps the width of
 * that moment.
 */
export function Dialog(props: ModalProps) {
  return <Modal transitionName="ant-fade" {...props} />;
}
