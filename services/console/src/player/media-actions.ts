export function togglePlay(media: HTMLMediaElement | null): void {
  if (!media) return;
  if (media.paused) media.play().catch(() => undefined);
  else media.pause();
}

export function toggleFullScreen(frame: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void frame?.requestFullscreen();
}
