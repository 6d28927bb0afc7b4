-- Still pictures can be looked at, and so redacted, from here on. Those that were examined before are to get what is looked at of them: the
-- reconciler finds what is pending. Pictures that cannot be decoded here have no streams, and stay as they are.
update derivative proxy set state = 'pending', reason = null, detail = null, attempts = 0, updated_at = now()
from derivative probe
where probe.evidence_id = proxy.evidence_id and probe.kind = 'probe' and probe.state = 'ready'
  and probe.data ->> 'kind' = 'image' and probe.data ->> 'container' is not null
  and jsonb_path_exists(probe.data, '$.streams[*] ? (@.type == "video" && @.width > 0 && @.height > 0)')
  and proxy.kind = 'proxy' and proxy.state = 'nothing_to_play' and proxy.reason = 'image';
