/** How the worker signs what it writes to the log. */
export const serviceName = 'worker';
