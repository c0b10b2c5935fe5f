import { Link } from '@tanstack/react-router';
import './explain.css';

/** Leads to the explanation of one user; the id travels in the history entry, not in the address. */
export function WhyLink({ segmentId, userId, name }: { segmentId: string; userId: string; name: string }) {
  return (
    <Link
      to="/segments/$id"
      params={{ id: segmentId }}
      search={{ tab: 'explain' }}
      state={{ explainUser: userId }}
      preload={false}
      className="xp-why"
    >
      why?<span className="rc-hidden"> {name}</span>
    </Link>
  );
}
