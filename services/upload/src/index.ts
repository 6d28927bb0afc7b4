/** Resumable ingest: tus 1.0, docks, offloads, receipts. */
export { readUploadSettings, type UploadConfig, uploadSettings } from './config.ts';
export { uploadProblemCodes } from './problems.ts';
export { type UploadServiceOptions, uploadService } from './service.ts';
export { type ExpiryOptions, expireUploads } from './upload-session/expire-uploads.ts';
