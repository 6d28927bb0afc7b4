export * from './clock/clock.ts';
export * from './config/read-config.ts';
export * from './health/health.ts';
export * from './http/problem.ts';
export * from './http/server.ts';
export * from './logging/logger.ts';
export * from './metrics/metrics.ts';
export * from './shutdown/shutdown.ts';
