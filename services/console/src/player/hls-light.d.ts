// The light build has no types of its own; it is the same class without alternative audio, subtitles and DRM.
declare module 'hls.js/light' {
  import Hls from 'hls.js';

  export * from 'hls.js';
  export default Hls;
}
