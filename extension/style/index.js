import './catalogue.css';
import './card.css';
import './budget.css';
import './review.css';
import './status.css';
import './release.css';
